/*
 * labels.h
 *	  Every label that a function of ours returns, spelled here and nowhere
 *	  else, with the Chinese word of the retail trade.
 *
 * LABEL(lost, "流失") gives LABEL_lost, whose word is crm_labels[LABEL_lost].
 * A word that serves several classifications stands once, where it comes up
 * first, and its translation fits all of them:
 *
 *	 active			activity level, lifecycle stage
 *	 inactive		growth state, RFM
 *	 lost			activity level, lifecycle stage, RFM
 *	 loyal			lifecycle stage, RFM
 *	 new			lifecycle stage, loyalty level, growth state, RFM
 *	 no_visits		latency status, activity level, loyalty level
 *	 prospect		lifecycle stage, member segments
 *	 regular		loyalty level, member segments, value tiers: 常规 is both
 *					"who comes regularly" and "ordinary", as the English word
 *	 sleeping		activity level, lifecycle stage, member segments
 *
 * The segments of the built-in maps are also words of their rules, in
 * segment_rules.c; a test sees to it that none is missing here.
 */
#ifndef CRM_LABELS_H
#define CRM_LABELS_H

#include "fmgr.h"

#define CRM_LABELS(LABEL) \
	/* latency status */ \
	LABEL(no_visits, "未消费") \
	LABEL(on_track, "正常") \
	LABEL(due, "到期") \
	LABEL(overdue, "逾期") \
	LABEL(lapsed, "严重逾期") \
	/* activity level */ \
	LABEL(active, "活跃") \
	LABEL(silent, "沉默") \
	LABEL(sleeping, "沉睡") \
	LABEL(lost, "流失") \
	/* lifecycle stage */ \
	LABEL(prospect, "潜在客户") \
	LABEL(new, "新客户") \
	LABEL(loyal, "忠诚客户") \
	/* loyalty level */ \
	LABEL(second, "回头客") \
	LABEL(regular, "常规客户") \
	LABEL(fan, "粉丝客户") \
	/* growth state */ \
	LABEL(retained, "留存") \
	LABEL(resurrected, "回流") \
	LABEL(dormant, "休眠") \
	LABEL(inactive, "不活跃") \
	/* churn risk */ \
	LABEL(no_data, "无数据") \
	LABEL(low, "低风险") \
	LABEL(medium, "中风险") \
	LABEL(high, "高风险") \
	/* pace */ \
	LABEL(faster, "偏快") \
	LABEL(typical, "正常节奏") \
	LABEL(slower, "偏慢") \
	/* direction of a turn */ \
	LABEL(slowing, "放缓") \
	LABEL(quickening, "加快") \
	/* RFM segments */ \
	LABEL(champions, "冠军客户") \
	LABEL(potential_loyalist, "潜在忠诚客户") \
	LABEL(promising, "潜力客户") \
	LABEL(need_attention, "需要关注") \
	LABEL(about_to_sleep, "即将沉睡") \
	LABEL(at_risk, "流失风险") \
	LABEL(cant_lose, "不可流失") \
	LABEL(hibernating, "休眠客户") \
	LABEL(recent, "近期客户") \
	/* member segments */ \
	LABEL(slipping, "流失预警") \
	LABEL(high_value, "高价值") \
	LABEL(high_loyalty, "高忠诚") \
	LABEL(high_ticket, "高客单") \
	LABEL(frequent_low_ticket, "高频低客单") \
	LABEL(rare_low_ticket, "低频低客单") \
	/* value tiers */ \
	LABEL(vip, "VIP客户") \
	LABEL(key, "主要客户") \
	LABEL(small, "小客户") \
	/* source of the next visit */ \
	LABEL(model, "模型") \
	LABEL(norms, "群体规律") \
	LABEL(rhythm, "自身节奏") \
	/* verdict of a backtest */ \
	LABEL(better, "更准") \
	LABEL(worse, "更差") \
	LABEL(mixed, "互有优劣")

typedef enum CrmLabel
{
#define LABEL_NUMBER(word, chinese) LABEL_##word,
	CRM_LABELS(LABEL_NUMBER)
#undef LABEL_NUMBER
	LABEL_COUNT
} CrmLabel;

/* No label: its inputs are unknown, and SQL sees NULL. */
#define LABEL_UNKNOWN LABEL_COUNT

extern const char *const crm_labels[LABEL_COUNT];

extern Datum label_datum(FunctionCallInfo fcinfo, CrmLabel label);

#endif							/* CRM_LABELS_H */
