/*
 * quadrature.h
 *	  The Gauss–Legendre rule of eight nodes, for one smooth panel at a time.
 */
#ifndef CRM_MATHS_QUADRATURE_H
#define CRM_MATHS_QUADRATURE_H

#define PANEL_NODES 8

/* On [0, 1]. */
extern const double panel_node[PANEL_NODES];
extern const double panel_weight[PANEL_NODES];

#endif							/* CRM_MATHS_QUADRATURE_H */
