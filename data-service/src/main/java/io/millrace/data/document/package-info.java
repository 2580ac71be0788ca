/** What a document is: the rules it follows, its id, and how it is read from a record. */
@NullMarked
package io.millrace.data.document;

import org.jspecify.annotations.NullMarked;
