/**
 * What an endpoint has to tell beside data and SO_ERROR: the error queue that recvmsg(2) reads with
 * MSG_ERRQUEUE (ip(7), IP_RECVERR; the kernel's Documentation/networking/msg_zerocopy.rst).
 *
 * <p>{@link io.loomvisor.net.error.ErrorQueue} belongs to one endpoint, whose mailbox owns it;
 * {@link io.loomvisor.net.error.ErrorReport}s are immutable and go to whoever asks.
 */
package io.loomvisor.net.error;
