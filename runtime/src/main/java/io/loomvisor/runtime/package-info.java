/**
 * The command {@code loomvisor}: {@code cli} parses and dispatches, {@code boot} assembles a
 * sandbox, {@code host} has the few host calls that set-up needs. The only module that may depend
 * on all others.
 */
package io.loomvisor.runtime;
