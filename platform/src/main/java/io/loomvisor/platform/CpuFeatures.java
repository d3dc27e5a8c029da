package io.loomvisor.platform;

/**
 * The CPU that applications see.
 *
 * @param hwcap AT_HWCAP: CPUID.1:EDX
 * @param hwcap2 AT_HWCAP2 (bit 1: FSGSBASE instructions usable in ring 3)
 * @param xcr0 extended states enabled
 * @param xsaveSize bytes of an XSAVE area (standard format) for {@code xcr0}; 512 without XSAVE
 * @param vendor CPUID vendor string
 * @param model brand string
 * @param flags names as in /proc/cpuinfo, separated by spaces
 * @param family cpu family, model number and stepping as /proc/cpuinfo prints them
 * @param modelNumber model
 * @param stepping stepping
 */
public record CpuFeatures(
    int hwcap,
    int hwcap2,
    long xcr0,
    int xsaveSize,
    String vendor,
    String model,
    String flags,
    int family,
    int modelNumber,
    int stepping) {}
