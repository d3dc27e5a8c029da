/**
 * How work is run: actors ({@code actor}), the one wait primitive ({@code wait}), the one timer
 * service ({@code time}) and the pool from which tasks lease vCPUs ({@code vcpu}).
 *
 * <p>Nothing here knows of KVM, files or tasks. Every other module of the sentry stands on this
 * one.
 */
package io.loomvisor.scheduler;
