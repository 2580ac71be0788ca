/**
 * The contract of the platform as {@code up} starts it: every documented request of REST and every
 * method of gRPC, through the gateway. {@link PlatformContractTest} is the list of what is
 * promised; a kit is one promise, kept over REST and over gRPC where it is there twice.
 */
@NullMarked
package io.millrace.standalone.contract;

import org.jspecify.annotations.NullMarked;
