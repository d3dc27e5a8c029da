/**
 * The one way in which a syscall waits for descriptions: register, look again, sleep. Stateless;
 * runs on the task's own thread, which holds no actor meanwhile.
 */
package io.loomvisor.kernel.block;
