/**
 * AF_UNIX (unix(7); net/unix/af_unix.c is the reference). {@link
 * io.loomvisor.vfs.socket.unix.UnixSockets} is the family of one sandbox, its network name space;
 * {@code kernel.syscall.socket} makes sockets there.
 *
 * <p>Who owns what: each socket's {@link io.loomvisor.vfs.socket.unix.ReceiveQueue} is an actor
 * that owns what was sent to the socket and which directions are shut; a listening socket's {@link
 * io.loomvisor.vfs.socket.unix.Backlog} is one that owns the connections not yet accepted; {@link
 * io.loomvisor.vfs.socket.unix.UnixNames} owns the bound names and {@link
 * io.loomvisor.vfs.socket.unix.InFlight} the counts of descriptors on their way. A message asks one
 * of them once. What remains of a socket (its peer, its name, its phase) are single references,
 * swapped atomically. No actor is held while wait queues are notified, application memory is copied
 * or descriptions are released.
 *
 * <p>Room is accounted as Linux does: the sender pays for what lies in the receiver's queue.
 */
package io.loomvisor.vfs.socket.unix;
