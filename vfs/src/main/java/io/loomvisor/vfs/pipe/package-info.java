/**
 * Pipes and FIFOs (pipe(7), fifo(7)). A {@link io.loomvisor.vfs.pipe.Pipe} is one actor that owns
 * the bytes on their way; {@link io.loomvisor.vfs.pipe.PipeFilesystem} makes pipes without a name,
 * {@link io.loomvisor.vfs.pipe.Fifo} is the pipe behind a FIFO of any file system.
 */
package io.loomvisor.vfs.pipe;
