/** io_setup(2), io_submit(2), io_getevents(2) and kin. The contexts are {@code kernel.aio}'s. */
package io.loomvisor.kernel.syscall.aio;
