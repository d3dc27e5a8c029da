package io.loomvisor.kernel.ipc.msg;

/**
 * One message.
 *
 * @param type positive
 */
public record Message(long type, byte[] text) {}
