/**
 * The Linux ABI that everything above shares: error numbers, file modes, open flags, stat. Plain
 * data under Linux names, each constant in this one place. Anybody may use it.
 */
package io.loomvisor.gofer.abi;
