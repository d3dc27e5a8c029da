/**
 * Tests of what peers may do to harm a stack: packets that are nearly right, floods, exhaustion,
 * silence. In each of them memory stays bounded and other connections keep moving. Seeds are fixed.
 */
package io.loomvisor.net.hostile;
