/**
 * POSIX message queues (mq_overview(7)) and the file system that shows them.
 *
 * <p>{@link io.loomvisor.vfs.mqueue.MqueueFilesystem} owns the names and how many queues there are.
 * A {@link io.loomvisor.vfs.mqueue.MessageBox} is the actor behind one queue: messages, who waits
 * to send or to receive, and who is to be notified. Messages are handed over as in {@code
 * kernel.ipc.msg}. Notifications are given back to whoever sent the message, who delivers them with
 * no actor held.
 */
package io.loomvisor.vfs.mqueue;
