/**
 * Between mq_open(3) and kin and the queues of {@code vfs.mqueue}: names, permission,
 * notifications. Stateless but for the queues' file system and its private mount.
 */
package io.loomvisor.kernel.ipc.mqueue;
