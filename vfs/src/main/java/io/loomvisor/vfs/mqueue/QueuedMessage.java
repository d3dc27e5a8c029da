package io.loomvisor.vfs.mqueue;

/**
 * One message.
 *
 * @param priority below {@link MessageBox#PRIORITIES}; higher comes first
 */
public record QueuedMessage(int priority, byte[] text) {}
