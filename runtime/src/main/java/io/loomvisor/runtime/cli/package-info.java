/** Command lines. Each command class checks its options and hands over to {@code boot}. */
package io.loomvisor.runtime.cli;
