/**
 * The vDSO (vdso(7)): a small shared object in every address space that answers clock_gettime(2)
 * and its kin inside the guest. {@link io.loomvisor.kernel.loader.vdso.Vdso} maps it and keeps its
 * clocks right; its code is {@code src/main/asm/vdso.S}. Used by the loader; one per sandbox.
 */
package io.loomvisor.kernel.loader.vdso;
