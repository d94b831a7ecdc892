/*
 * model.c
 *	  The type btyd_model: a family, its parameters, and how they were fitted.
 */
#include "postgres.h"

#include "server/compat.h"

#include "btyd/model.h"
#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "utils/array.h"
#include "utils/builtins.h"

static const char *
parameter_error(const FittedKind *kind, const double *parameters, int *which)
{
	return btyd_parameter_error(kind->model, parameters, which);
}

#define KIND(family) {.error = parameter_error, .model = &btyd_##family},

/* What a family says of itself is filled in when the module is loaded. */
static FittedKind kinds[] = {BTYD_FAMILIES(KIND)};

const FittedType btyd_model_type = {"btyd_model", lengthof(kinds), kinds};

void
btyd_model_init(void)
{
	for (int i = 0; i < lengthof(kinds); i++)
	{
		const BtydFamily *family = kinds[i].model;

		kinds[i].name = family->name;
		kinds[i].parameters = family->parameters;
		kinds[i].parameter_name = family->parameter_name;
	}
}

/* "bgnbd, mbgnbd and so on", for hints. */
char *
btyd_family_names(void)
{
	StringInfoData names;

	initStringInfo(&names);
	for (int i = 0; i < lengthof(kinds); i++)
		appendStringInfo(&names, "%s%s", i == 0 ? "" : i + 1 < lengthof(kinds) ? ", " : " and ", kinds[i].name);
	return names.data;
}

/* A ReferenceLoader. */
void *
btyd_model_load(const uint8 *contents, Size size)
{
	return fitted_load(&btyd_model_type, contents, size);
}

/* An aggregate asks for every row: nothing is copied. */
const FittedKind *
btyd_kind(const text *family)
{
	const char *name = VARDATA_ANY(family);
	int			length = VARSIZE_ANY_EXHDR(family);

	for (int i = 0; i < btyd_model_type.kinds; i++)
	{
		const FittedKind *kind = &btyd_model_type.kind[i];

		if (strncmp(kind->name, name, length) == 0 && kind->name[length] == '\0')
			return kind;
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("there is no family \"%.*s\"", length, name),
			 errhint("The families are %s.", btyd_family_names())));
}

CRM_FUNCTION(crm_btyd_model_in);
Datum
crm_btyd_model_in(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(fitted_seal(&btyd_model_type, fitted_parse(&btyd_model_type, PG_GETARG_CSTRING(0))));
}

static char *
model_text(FunctionCallInfo fcinfo)
{
	return fitted_text(reference_load(PG_GETARG_VARLENA_PP(0), btyd_model_load));
}

CRM_FUNCTION(crm_btyd_model_out);
Datum
crm_btyd_model_out(PG_FUNCTION_ARGS)
{
	PG_RETURN_CSTRING(model_text(fcinfo));
}

CRM_FUNCTION(crm_btyd_model_recv);
Datum
crm_btyd_model_recv(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(fitted_seal(&btyd_model_type, reference_receive((StringInfo) PG_GETARG_POINTER(0), btyd_model_load)));
}

CRM_FUNCTION(crm_btyd_model_to_json);
Datum
crm_btyd_model_to_json(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(cstring_to_text(model_text(fcinfo)));
}

CRM_FUNCTION(crm_btyd_model_summary);
Datum
crm_btyd_model_summary(PG_FUNCTION_ARGS)
{
	return fitted_summary(fcinfo, PG_GETARG_BTYD_MODEL(0));
}

/* btyd_model(family, parameters): published models can be used as they are. */
CRM_FUNCTION(crm_btyd_model_from_parameters);
Datum
crm_btyd_model_from_parameters(PG_FUNCTION_ARGS)
{
	const FittedKind *kind = btyd_kind(PG_GETARG_TEXT_PP(0));
	ArrayType  *array = PG_GETARG_ARRAYTYPE_P(1);
	int			n = ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));

	if (array_contains_nulls(array))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("parameters of a btyd_model must not be null")));
	if (n != kind->parameters)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("family %s has %d parameters, not %d", kind->name, kind->parameters, n),
				 errhint("For example btyd_model('bgnbd', '{0.243, 30.9, 0.793, 2.426}'): r, alpha in days, a, b.")));
	PG_RETURN_POINTER(fitted_seal(&btyd_model_type,
								  fitted_from_parameters(&btyd_model_type, kind, (double *) ARR_DATA_PTR(array))));
}
