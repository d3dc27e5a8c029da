package io.loomvisor.vfs.socket;

/**
 * One control message (cmsg(3)) that is neither descriptors nor credentials: what the levels of the
 * internet protocols define.
 */
public record ControlMessage(int level, int type, byte[] data) {}
