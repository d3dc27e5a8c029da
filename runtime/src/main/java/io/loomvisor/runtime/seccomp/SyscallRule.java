package io.loomvisor.runtime.seccomp;

import io.loomvisor.kernel.syscall.SyscallNumber;
import java.util.List;

/**
 * What a filter says to one syscall.
 *
 * @param verdict if one of {@code alternatives} holds
 * @param alternatives each a list of checks that must all hold; the empty list of checks always
 *     does
 */
public record SyscallRule(
    SyscallNumber syscall, Verdict verdict, List<List<ArgumentCheck>> alternatives) {}
