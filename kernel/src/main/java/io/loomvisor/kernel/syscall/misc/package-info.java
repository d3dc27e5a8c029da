/**
 * System calls about the system, limits, scheduling and the calling thread, and those refused on
 * purpose.
 */
package io.loomvisor.kernel.syscall.misc;
