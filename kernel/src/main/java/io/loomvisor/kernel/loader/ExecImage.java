package io.loomvisor.kernel.loader;

import io.loomvisor.task.memory.MemoryManager;
import io.loomvisor.vfs.Credentials;

/**
 * A program ready to run in an address space of its own.
 *
 * @param memory with one user, which whoever takes the image over must release
 * @param entry first instruction: the interpreter's if there is one
 * @param stackPointer at argc
 * @param name comm name: the last component of the path, at most 15 bytes
 * @param credentials identity after set-id bits
 */
public record ExecImage(
    MemoryManager memory, long entry, long stackPointer, String name, Credentials credentials) {}
