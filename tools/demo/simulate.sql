\echo 'Simulated transactions of 5,000 customers over two years.'
\echo '(With your own: make demo DATA=orders.csv)'
CREATE TABLE transactions AS
SELECT * FROM simulate_transactions(5000, '2024-01-01', '2025-12-31', 42);
