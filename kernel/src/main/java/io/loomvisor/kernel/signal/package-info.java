/**
 * Signal delivery: what happens between a pending signal (owned by the thread group's actor) and
 * the application's handler, and the way back by rt_sigreturn(2). Called by tasks on their own
 * threads only.
 */
package io.loomvisor.kernel.signal;
