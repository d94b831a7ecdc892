/*
 * terms.c
 *	  What the columns of a relation of customer metrics are called in the
 *	  Chinese retail trade, and what they mean.
 *
 * It stands here and not in the SQL part, which is pure ASCII, so that the
 * extension can be created in a database of any encoding.  A regression test
 * sees to it that no column of customer_metrics_columns() is missing.  The words
 * for labels are those of segments/labels.h.
 */
#include "postgres.h"

#include "server/compat.h"

#include "funcapi.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"

typedef struct Term
{
	const char *column;
	const char *term;			/* the trade's word */
	const char *meaning;
} Term;

static const Term terms[] =
{
	{"customer", "客户", "源表中的客户列"},
	{"segment", "分组", "客户最早一笔订单所属的渠道、门店或产品"},
	{"visit_count", "到店次数", "有订单的天数"},
	{"order_count", "订单数", "不含退款"},
	{"first_visit", "首次到店日", "第一次有订单的日期"},
	{"last_visit", "最近到店日", "最近一次有订单的日期"},
	{"days_since_last_visit", "沉默天数", "距最近一次到店的天数"},
	{"tenure", "客龄", "距首次到店的天数"},
	{"total_spend", "累计消费", "全部订单的金额，已扣除退款"},
	{"average_order_value", "客单价", "累计消费除以订单数"},
	{"average_visit_value", "次均消费", "累计消费除以到店次数"},
	{"spend_last_365", "近一年消费", "截至统计日（含当日）的 365 天内的金额"},
	{"spend_previous_365", "上一年消费", "再往前 365 天内的金额"},
	{"latency", "潜伏期", "相邻两次到店平均相隔的天数；到店不足两次为空"},
	{"median_latency", "潜伏期中位数", "相邻两次到店相隔天数的中位数"},
	{"latency_stddev", "潜伏期标准差", "相邻两次到店相隔天数的标准差；到店不足三次为空"},
	{"latency_variation", "潜伏期变异系数", "标准差与平均值之比：到店有多不规律"},
	{"silence_ratio", "沉默倍数", "沉默天数是客户自身潜伏期的几倍"},
	{"latency_status", "到期状态", "与到店次数相同的客户相比的沉默程度：正常、到期、逾期、严重逾期；未消费"},
	{"pace", "到店节奏", "至今的潜伏期与其他客户相比：偏快、正常节奏、偏慢"},
	{"days_until_overdue", "距逾期天数", "会回来的客户中五分之四已回来之前还剩的天数；0 或负数表示已过"},
	{"expected_next_visit", "预计下次到店日", "如果再来，在此日之前与之后来的可能性相同"},
	{"next_visit_from", "预计到店区间起", "以 80 % 的可能性包含下次到店的区间的第一天"},
	{"next_visit_to", "预计到店区间止", "该区间的最后一天；十年以后则为空"},
	{"next_visit_source", "预测依据", "预计下次到店日来自模型、群体规律还是自身节奏"},
	{"visit_probability", "30 天到店概率", "未来 30 天内至少到店一次的概率"},
	{"rfm_r", "R 分", "最近一次到店的得分，默认 1 至 5，越高越好"},
	{"rfm_f", "F 分", "到店频次的得分"},
	{"rfm_m", "M 分", "消费金额的得分"},
	{"rfm_code", "RFM 编码", "三个得分合成的数，如 543"},
	{"rfm_segment", "RFM 分群", "得分所属的客户群"},
	{"lifecycle_stage", "生命周期阶段", "潜在客户、新客户、活跃、忠诚客户、沉睡、流失"},
	{"activity_level", "活跃度", "活跃、沉默、沉睡、流失；未消费"},
	{"loyalty_level", "忠诚度", "按到店次数：新客户 1，回头客 2，常规客户 3 或 4，粉丝客户 5 及以上；未消费"},
	{"growth_state", "增长状态", "近 365 天与之前 365 天相比：新客户、留存、回流、休眠、不活跃"},
	{"value_tier", "价值层级", "按累计消费分层，1 为最高"},
	{"member_segment", "会员分群", "七个会员群中最先符合的一个，否则为常规客户或潜在客户"},
	{"member_segments", "全部会员分群", "所有符合的会员群，以逗号分隔"},
	{"p_alive", "存活概率", "仍然是客户的概率"},
	{"churn_risk", "流失风险", "按存活概率：低风险、中风险、高风险；无数据"},
	{"expected_visits", "预期到店次数", "未来 365 天的预期到店次数"},
	{"expected_spend", "预期次均消费", "一次到店的预期金额"},
	{"clv", "终身价值", "未来 365 天的预期金额，按年利率 10 % 折现"},
	{"repeat_clv", "复购价值", "首日之后各次到店带来的金额，未扣获客成本"},
	{"as_of", "统计日", "所有指标所指的日期：今天"},
	{"references_as_of", "参照日", "所用的群体规律、得分标准和模型学习时的日期"},
	{"beyond_data", "数据中断", "统计日比学习所用数据的最后一天晚 30 天以上"}
};

static Datum
chinese_text(const char *utf8)
{
	return CStringGetTextDatum(pg_any_to_server(utf8, strlen(utf8), PG_UTF8));
}

CRM_FUNCTION(crm_metrics_columns_zh);
Datum
crm_metrics_columns_zh(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;

	InitMaterializedSRF(fcinfo, 0);
	for (int i = 0; i < lengthof(terms); i++)
	{
		bool		nulls[3] = {false, false, false};
		Datum		values[3] = {
			DirectFunctionCall1(namein, CStringGetDatum(terms[i].column)),
			chinese_text(terms[i].term),
			chinese_text(terms[i].meaning)
		};

		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	PG_RETURN_NULL();
}
