/**
 * The messages as records and their bytes. One message is one packet of an AF_UNIX SOCK_SEQPACKET
 * socket, at most {@link io.loomvisor.gofer.wire.Wire#MAX_MESSAGE} bytes, little-endian:
 *
 * <pre>
 *   0        4      6      8
 *   +--------+------+------+------------------
 *   | tag    | type | 0    | fields of the type
 *   +--------+------+------+------------------
 * </pre>
 *
 * <p>A reply carries the tag of its request. Requests name a file as a directory fid and a name in
 * it, or as the fid and an empty name for the directory itself: so only directories have fids, and
 * a file that nobody looks at costs the gofer nothing. Opened regular files travel as descriptors
 * (SCM_RIGHTS); their data never passes through messages, nor do their fsync and truncation.
 */
package io.loomvisor.gofer.wire;
