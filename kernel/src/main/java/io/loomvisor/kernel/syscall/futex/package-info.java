/**
 * futex(2), set_robust_list(2), get_robust_list(2). Arguments only; the mechanism is {@code
 * kernel.futex}.
 */
package io.loomvisor.kernel.syscall.futex;
