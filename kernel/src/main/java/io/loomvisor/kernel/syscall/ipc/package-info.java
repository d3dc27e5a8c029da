/**
 * System V IPC: shm*, sem*, msg*. The objects are in {@code kernel.ipc} and the packages below it;
 * here arguments are checked, structures copied and waits made. Stateless.
 */
package io.loomvisor.kernel.syscall.ipc;
