/**
 * References and dashboards that are made from the code, and the tests that they are up to date.
 */
@NullMarked
package io.millrace.standalone.reference;

import org.jspecify.annotations.NullMarked;
