/**
 * The only code of this module that calls into the host: libc through java.lang.foreign, and the
 * layout of KVM's structures. Nothing here keeps state except open descriptors and mappings;
 * callers pass addresses of memory that they own, and sizes are those of the structures in
 * linux/kvm.h.
 */
package io.loomvisor.platform.kvm.host;
