package io.loomvisor.runtime.seccomp;

import java.util.List;

/**
 * What a container's profile says about a syscall.
 *
 * @param number of the syscall
 * @param conditions all must hold; none: always
 * @param answer a SECCOMP_RET_ value
 */
public record ProfileRule(int number, List<Condition> conditions, int answer) {}
