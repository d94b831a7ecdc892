SELECT term, meaning, name FROM customer_metrics_columns_zh()
