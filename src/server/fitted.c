/*
 * fitted.c
 *	  Fitted models as values: bytes, text, JSON, and as a row.
 *
 * The text form is JSON: it reads, and the server knows how to take it apart.
 *
 *	 {"model": "mbgnbd", "parameters": {"r": 0.52, "alpha": 43.3, "a": 0.89, "b": 1.61},
 *	  "standard_errors": {...}, "log_likelihood": -14363.2, "aic": 28734.5,
 *	  "customers": 2357, "iterations": 9, "converged": true, "warning": null}
 *
 * A model that was made from parameters has the first two members only; one
 * whose fit found none has "parameters": null.
 */
#include "postgres.h"

#include "server/compat.h"

#include <math.h>

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "common/shortest_dec.h"
#include "funcapi.h"
#include "lib/stringinfo.h"
#include "libpq/pqformat.h"
#include "server/fitted.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/float.h"
#include "utils/json.h"
#include "utils/jsonb.h"

#define FITTED_KNOWN		1
#define FITTED_FITTED		2
#define FITTED_CONVERGED	4
#define FITTED_FLAGS		7

pg_attribute_noreturn()
static void
fitted_damaged(const FittedType *type)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
			 errmsg("%s is damaged", type->name)));
}

/* ---- what every value keeps to ---- */

static void
check_parameters(const FittedType *type, const FittedKind *kind, const double *parameters)
{
	int			which = 0;
	const char *error = kind->error(kind, parameters, &which);

	if (error != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("parameter %s of %s %s %s, not %s",
						kind->parameter_name[which], type->name, kind->name, error,
						float8out_internal(parameters[which]))));
}

/* Without a fit nothing is known of one; without parameters nothing of them. */
static void
forget_unknown(Fitted *fitted)
{
	for (int i = 0; i < FITTED_PARAMETERS; i++)
	{
		if (!fitted->known)
			fitted->parameters[i] = NAN;
		if (!fitted->fitted)
			fitted->standard_errors[i] = NAN;
	}
	if (fitted->fitted)
		return;
	fitted->log_likelihood = fitted->aic = NAN;
	fitted->customers = 0;
	fitted->iterations = 0;
	fitted->converged = false;
	fitted->warning.text[0] = '\0';
}

Fitted *
fitted_from_parameters(const FittedType *type, const FittedKind *kind, const double *parameters)
{
	Fitted	   *fitted = palloc0(sizeof(Fitted));

	check_parameters(type, kind, parameters);
	fitted->kind = kind;
	fitted->known = true;
	memcpy(fitted->parameters, parameters, kind->parameters * sizeof(double));
	forget_unknown(fitted);
	return fitted;
}

/* Ends a fit: parameters beyond what the type holds are none, and the warning says so. */
void
fitted_settle(Fitted *fitted)
{
	int			which = 0;

	if (fitted->known && fitted->kind->error(fitted->kind, fitted->parameters, &which) != NULL)
	{
		warning_add_item(&fitted->warning, "did not converge: ", "%s ran to %g",
						 fitted->kind->parameter_name[which], fitted->parameters[which]);
		fitted->known = fitted->converged = false;
	}
	if (!fitted->known)
		for (int i = 0; i < FITTED_PARAMETERS; i++)
			fitted->standard_errors[i] = NAN;
}

/* Warnings are our own words: printable ASCII, whatever the encoding. */
static bool
is_warning(const char *text, int length)
{
	if (length >= (int) sizeof(((Warning *) NULL)->text))
		return false;
	for (int i = 0; i < length; i++)
		if (text[i] < ' ' || text[i] > '~')
			return false;
	return true;
}

/* ---- bytes ---- */

struct varlena *
fitted_seal(const FittedType *type, const Fitted *fitted)
{
	StringInfoData out;
	int			n = fitted->kind->parameters;
	Fitted		plain = *fitted;

	forget_unknown(&plain);
	fitted = &plain;
	initStringInfo(&out);
	pq_sendbyte(&out, (uint8) (fitted->kind - type->kind));
	pq_sendbyte(&out, (fitted->known ? FITTED_KNOWN : 0) | (fitted->fitted ? FITTED_FITTED : 0) |
				(fitted->converged ? FITTED_CONVERGED : 0));
	for (int i = 0; i < n; i++)
		pq_sendfloat8(&out, isnan(fitted->parameters[i]) ? NAN : fitted->parameters[i]);
	for (int i = 0; i < n; i++)
		pq_sendfloat8(&out, isnan(fitted->standard_errors[i]) ? NAN : fitted->standard_errors[i]);
	pq_sendfloat8(&out, isnan(fitted->log_likelihood) ? NAN : fitted->log_likelihood);
	pq_sendfloat8(&out, isnan(fitted->aic) ? NAN : fitted->aic);
	pq_sendint64(&out, fitted->customers);
	pq_sendint32(&out, fitted->iterations);
	appendBinaryStringInfo(&out, fitted->warning.text, strlen(fitted->warning.text));
	return reference_seal((uint8 *) out.data, out.len);
}

/* A figure that may be unknown (NaN) but not infinite. */
static double
get_figure(const FittedType *type, StringInfo in)
{
	double		figure = pq_getmsgfloat8(in);

	if (isinf(figure))
		fitted_damaged(type);
	return figure;
}

/* For a ReferenceLoader. */
Fitted *
fitted_load(const FittedType *type, const uint8 *contents, Size size)
{
	Fitted	   *fitted = palloc0(sizeof(Fitted));
	StringInfoData in = {(char *) contents, size, size, 0};
	int			kind;
	int			flags;
	int			n;

	if (size < 2 || (kind = pq_getmsgbyte(&in)) >= type->kinds ||
		((flags = pq_getmsgbyte(&in)) & ~FITTED_FLAGS) != 0)
		fitted_damaged(type);
	fitted->kind = &type->kind[kind];
	fitted->known = (flags & FITTED_KNOWN) != 0;
	fitted->fitted = (flags & FITTED_FITTED) != 0;
	fitted->converged = (flags & FITTED_CONVERGED) != 0;
	n = fitted->kind->parameters;
	for (int i = 0; i < n; i++)
		fitted->parameters[i] = get_figure(type, &in);
	for (int i = 0; i < n; i++)
		fitted->standard_errors[i] = get_figure(type, &in);
	fitted->log_likelihood = get_figure(type, &in);
	fitted->aic = get_figure(type, &in);
	fitted->customers = pq_getmsgint64(&in);
	fitted->iterations = pq_getmsgint(&in, 4);
	if (!is_warning(in.data + in.cursor, in.len - in.cursor) || fitted->iterations < 0 ||
		fitted->customers < 0 || fitted->customers > FITTED_MAX_CUSTOMERS)
		fitted_damaged(type);
	memcpy(fitted->warning.text, in.data + in.cursor, in.len - in.cursor);
	if (fitted->known)
		check_parameters(type, fitted->kind, fitted->parameters);
	return fitted;
}

/* ---- text ---- */

static void
append_figure(StringInfo out, double figure)
{
	char		text[DOUBLE_SHORTEST_DECIMAL_LEN];

	if (isnan(figure))
		appendStringInfoString(out, "null");
	else
	{
		double_to_shortest_decimal_buf(figure, text);
		appendStringInfoString(out, text);
	}
}

static void
append_named(StringInfo out, const FittedKind *kind, const double *figures)
{
	for (int i = 0; i < kind->parameters; i++)
	{
		appendStringInfo(out, "%s\"%s\": ", i > 0 ? ", " : "{", kind->parameter_name[i]);
		append_figure(out, figures[i]);
	}
	appendStringInfoChar(out, '}');
}

char *
fitted_text(const Fitted *fitted)
{
	StringInfoData out;

	initStringInfo(&out);
	appendStringInfo(&out, "{\"model\": \"%s\", \"parameters\": ", fitted->kind->name);
	if (fitted->known)
		append_named(&out, fitted->kind, fitted->parameters);
	else
		appendStringInfoString(&out, "null");
	if (fitted->fitted)
	{
		appendStringInfoString(&out, ", \"standard_errors\": ");
		append_named(&out, fitted->kind, fitted->standard_errors);
		appendStringInfoString(&out, ", \"log_likelihood\": ");
		append_figure(&out, fitted->log_likelihood);
		appendStringInfoString(&out, ", \"aic\": ");
		append_figure(&out, fitted->aic);
		appendStringInfo(&out, ", \"customers\": " INT64_FORMAT ", \"iterations\": %d, \"converged\": %s, \"warning\": ",
						 fitted->customers, fitted->iterations, fitted->converged ? "true" : "false");
		if (fitted->warning.text[0] == '\0')
			appendStringInfoString(&out, "null");
		else
			escape_json(&out, fitted->warning.text);
	}
	appendStringInfoChar(&out, '}');
	return out.data;
}

pg_attribute_noreturn()
static void
refuse(const FittedType *type, const char *member)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
			 errmsg("invalid input syntax for type %s: member \"%s\" is missing or not what it should be", type->name, member),
			 errhint("A %s is fitted by an aggregate, or made from parameters by the function of its name.", type->name)));
}

/* A member of an object: NULL where it is missing or null, else of the given type. */
static JsonbValue *
member(const FittedType *type, JsonbContainer *object, const char *name, enum jbvType wanted)
{
	JsonbValue *value = getKeyJsonValueFromContainer(object, name, strlen(name), NULL);

	if (value == NULL || value->type == jbvNull)
		return NULL;
	if (value->type != wanted ||
		(wanted == jbvBinary && !JsonContainerIsObject(value->val.binary.data)))
		refuse(type, name);
	return value;
}

/* A member that is a finite number; NaN where it is missing or null. */
static double
number_member(const FittedType *type, JsonbContainer *object, const char *name)
{
	JsonbValue *value = member(type, object, name, jbvNumeric);

	return value == NULL ? NAN :
		DatumGetFloat8(DirectFunctionCall1(numeric_float8, NumericGetDatum(value->val.numeric)));
}

static int64
count_member(const FittedType *type, JsonbContainer *object, const char *name, double max)
{
	double		count = number_member(type, object, name);

	if (!(count >= 0 && count <= max))
		refuse(type, name);
	return (int64) count;
}

/* Fills figures from an object with one member for each parameter; false where there is none. */
static bool
named_members(const FittedType *type, JsonbContainer *object, const char *name,
			  const FittedKind *kind, double *figures)
{
	JsonbValue *figures_of = member(type, object, name, jbvBinary);

	for (int i = 0; i < kind->parameters; i++)
		figures[i] = figures_of == NULL ? NAN :
			number_member(type, figures_of->val.binary.data, kind->parameter_name[i]);
	return figures_of != NULL;
}

static const FittedKind *
kind_member(const FittedType *type, JsonbContainer *object)
{
	JsonbValue *name = member(type, object, "model", jbvString);

	for (int i = 0; name != NULL && i < type->kinds; i++)
		if (strlen(type->kind[i].name) == (size_t) name->val.string.len &&
			memcmp(type->kind[i].name, name->val.string.val, name->val.string.len) == 0)
			return &type->kind[i];
	refuse(type, "model");
}

Fitted *
fitted_parse(const FittedType *type, const char *text)
{
	Jsonb	   *json = DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(text)));
	JsonbContainer *object = &json->root;
	Fitted	   *fitted = palloc0(sizeof(Fitted));
	JsonbValue *value;

	if (!JB_ROOT_IS_OBJECT(json))
		refuse(type, "model");
	fitted->kind = kind_member(type, object);
	fitted->known = named_members(type, object, "parameters", fitted->kind, fitted->parameters);
	if (fitted->known)
		check_parameters(type, fitted->kind, fitted->parameters);
	named_members(type, object, "standard_errors", fitted->kind, fitted->standard_errors);
	fitted->log_likelihood = number_member(type, object, "log_likelihood");
	fitted->aic = number_member(type, object, "aic");
	value = member(type, object, "converged", jbvBool);
	fitted->fitted = value != NULL;
	if (fitted->fitted)
	{
		fitted->converged = value->val.boolean;
		fitted->customers = count_member(type, object, "customers", (double) FITTED_MAX_CUSTOMERS);
		fitted->iterations = (int32) count_member(type, object, "iterations", PG_INT32_MAX);
	}
	value = member(type, object, "warning", jbvString);
	if (value != NULL)
	{
		if (!is_warning(value->val.string.val, value->val.string.len))
			refuse(type, "warning");
		memcpy(fitted->warning.text, value->val.string.val, value->val.string.len);
	}
	return fitted;
}

/* ---- model_summary() ---- */

/* An array of n figures, NULL where one is not known; NULL for all where none is. */
static Datum
figure_array(const double *figures, int n)
{
	Datum		values[FITTED_PARAMETERS];
	bool		nulls[FITTED_PARAMETERS];
	int			lower = 1;

	for (int i = 0; i < n; i++)
	{
		values[i] = Float8GetDatum(figures[i]);
		nulls[i] = isnan(figures[i]);
	}
	return PointerGetDatum(construct_md_array(values, nulls, 1, &n, &lower, FLOAT8OID,
											  sizeof(float8), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}

/* (family, parameters, standard_errors, log_likelihood, aic, customers, iterations, converged, warning) */
Datum
fitted_summary(FunctionCallInfo fcinfo, const Fitted *fitted)
{
	TupleDesc	row;
	int			n = fitted->kind->parameters;
	Datum		values[9] = {0};
	bool		nulls[9] = {
		false, !fitted->known, !fitted->fitted, isnan(fitted->log_likelihood), isnan(fitted->aic),
		!fitted->fitted, !fitted->fitted, !fitted->fitted, fitted->warning.text[0] == '\0'
	};

	if (get_call_result_type(fcinfo, NULL, &row) != TYPEFUNC_COMPOSITE)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("model_summary must be called where a row is accepted")));
	values[0] = CStringGetTextDatum(fitted->kind->name);
	values[1] = figure_array(fitted->parameters, n);
	values[2] = figure_array(fitted->standard_errors, n);
	values[3] = Float8GetDatum(fitted->log_likelihood);
	values[4] = Float8GetDatum(fitted->aic);
	values[5] = Int64GetDatum(fitted->customers);
	values[6] = Int32GetDatum(fitted->iterations);
	values[7] = BoolGetDatum(fitted->converged);
	values[8] = CStringGetTextDatum(fitted->warning.text);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(row), values, nulls)));
}
