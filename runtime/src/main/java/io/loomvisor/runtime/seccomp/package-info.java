/**
 * The seccomp filters that the sandbox's own processes put themselves under: a small assembler for
 * classic BPF, rules (a syscall, conditions on its arguments, the reason it is needed) and their
 * translation; with the same assembler {@link io.loomvisor.runtime.seccomp.ProfileProgram}
 * translates the profile of a container, which the sandbox's kernel runs. {@link
 * io.loomvisor.runtime.seccomp.SentrySyscall} is the one list of what the sentry may ask of the
 * host; docs/security.md is generated from it. Nothing here has state or makes a host call; {@link
 * io.loomvisor.runtime.lock} installs the result.
 */
package io.loomvisor.runtime.seccomp;
