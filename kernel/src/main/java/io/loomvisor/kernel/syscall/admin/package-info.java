/**
 * Calls of the system's administrator (clock, names, swap, accounting, log). Most of what they
 * would change is the host's: then they fail as in a container, with the checks in Linux's order.
 * Own no state.
 */
package io.loomvisor.kernel.syscall.admin;
