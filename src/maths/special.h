/*
 * special.h
 *	  The special functions of the models: few, because differences of
 *	  log-gammas are all that the likelihoods are made of.
 */
#ifndef CRM_MATHS_SPECIAL_H
#define CRM_MATHS_SPECIAL_H

/* A function with its first two derivatives. */
typedef struct Jet
{
	double		value;
	double		slope;
	double		curve;
} Jet;

/* ln Γ(z + n) − ln Γ(z) as a function of z, for z > 0 and n >= 0. */
extern Jet	log_rising(double z, double n);

/* ln Γ(z), z > 0, and ψ'(z). */
extern double log_gamma(double z);
extern double trigamma(double z);

#endif							/* CRM_MATHS_SPECIAL_H */
