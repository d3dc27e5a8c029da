/**
 * Whole programs in the built product, compared with the same programs on the host. {@link
 * io.loomvisor.runtime.program.Product} runs the launcher; what runs in the sandbox lies in {@code
 * kernel/src/test}.
 */
package io.loomvisor.runtime.program;
