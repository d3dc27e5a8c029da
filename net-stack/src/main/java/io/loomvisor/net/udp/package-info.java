/**
 * UDP endpoints (RFC 768): non-blocking operations that return a count or a negative Linux errno.
 */
package io.loomvisor.net.udp;
