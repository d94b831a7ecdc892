/*
 * labels.c
 *	  The words of labels.h as strings, and label_zh.
 */
#include "postgres.h"

#include "server/compat.h"

#include "mb/pg_wchar.h"
#include "segments/labels.h"
#include "utils/builtins.h"

const char *const crm_labels[LABEL_COUNT] =
{
#define LABEL_WORD(word, chinese) #word,
	CRM_LABELS(LABEL_WORD)
#undef LABEL_WORD
};

static const char *const chinese_words[LABEL_COUNT] =
{
#define LABEL_CHINESE(word, chinese) chinese,
	CRM_LABELS(LABEL_CHINESE)
#undef LABEL_CHINESE
};

/* A label as the result of a call. */
Datum
label_datum(FunctionCallInfo fcinfo, CrmLabel label)
{
	if (label == LABEL_UNKNOWN)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(crm_labels[label]));
}

/* Case does not matter, as VIP is also written vip. */
CRM_FUNCTION(crm_label_zh);
Datum
crm_label_zh(PG_FUNCTION_ARGS)
{
	char	   *word = text_to_cstring(PG_GETARG_TEXT_PP(0));
	int			label;

	for (label = 0; label < LABEL_COUNT; label++)
	{
		const char *chinese = chinese_words[label];

		if (pg_strcasecmp(word, crm_labels[label]) == 0)
			PG_RETURN_TEXT_P(cstring_to_text(pg_any_to_server(chinese, strlen(chinese), PG_UTF8)));
	}
	PG_RETURN_NULL();
}
