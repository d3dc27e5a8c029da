/**
 * What the three mechanisms of System V IPC (sysvipc(7)) have in common: keys and identifiers,
 * permission, limits. Each mechanism has a package of its own: {@code shm}, {@code sem}, {@code
 * msg}; syscalls come in through {@code kernel.syscall.ipc}.
 *
 * <p>An {@link io.loomvisor.kernel.ipc.IpcTable} is an actor that owns which objects exist and
 * under which key. A semaphore set and a message queue are actors of their own and own what is in
 * them; tables may ask objects, never the other way round. The state of an attached segment is in
 * counters that any thread changes.
 */
package io.loomvisor.kernel.ipc;
