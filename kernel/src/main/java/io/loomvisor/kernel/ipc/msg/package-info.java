/**
 * System V message queues (msgget(2), msgsnd(2), msgrcv(2), msgctl(2)).
 *
 * <p>A {@link io.loomvisor.kernel.ipc.msg.MessageQueue} is an actor: it owns the messages and who
 * waits to send or to receive. Messages are handed over: a receiver that waits gets its message
 * from the sender, a sender that waits has its message taken once there is room, so nobody who has
 * come later gets in between.
 */
package io.loomvisor.kernel.ipc.msg;
