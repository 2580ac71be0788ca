/** What a service imports, and how it starts, alone or beside others in one process. */
@NullMarked
package io.millrace.platform.service;

import org.jspecify.annotations.NullMarked;
