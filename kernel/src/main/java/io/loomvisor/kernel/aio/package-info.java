/**
 * The kernel's own asynchronous I/O (io_setup(2)), not that of POSIX, which the C library makes
 * with threads. An {@link io.loomvisor.kernel.aio.AioContext} is the actor that owns what has been
 * submitted and not yet been collected; {@link io.loomvisor.kernel.aio.AioContexts} knows which
 * address space has which. Called by {@code kernel.syscall.aio}. As in Linux, reads and writes of
 * buffered files are done while they are submitted; only waiting for readiness is asynchronous.
 */
package io.loomvisor.kernel.aio;
