/**
 * JMH benchmarks of the parts that a system call passes through. {@code benchmarks/run jmh} runs
 * them and puts their results into {@code docs/performance.md}. State belongs to the benchmark; no
 * class of the product depends on this package.
 */
package io.loomvisor.benchmarks.micro;
