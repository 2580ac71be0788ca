package io.millrace.data.upload;

import io.millrace.data.document.ExtraFields;
import org.jspecify.annotations.Nullable;

/**
 * How the documents of an upload are read.
 *
 * @param extraFields what becomes of fields that a form does not have; null: nobody said
 * @param column of a table that holds the texts; null: its columns are the fields of a form
 * @param idColumn of a table that holds the ids; null: the column {@code id}, if there is one
 * @param labelColumn of a table that holds the labels; null: the column {@code label}
 */
record UploadOptions(
    @Nullable ExtraFields extraFields,
    @Nullable String column,
    @Nullable String idColumn,
    @Nullable String labelColumn) {

  /** As callers spell them. */
  static UploadOptions of(
      @Nullable String extraFields,
      @Nullable String column,
      @Nullable String idColumn,
      @Nullable String labelColumn) {
    return new UploadOptions(
        extraFields == null ? null : ExtraFields.of(extraFields), column, idColumn, labelColumn);
  }

  /** For objects, whose fields somebody has spelt one by one. */
  ExtraFields forObjects() {
    return extraFields == null ? ExtraFields.REFUSE : extraFields;
  }

  /** For tables; who names a column has no use for the others. */
  ExtraFields forTables() {
    return extraFields != null
        ? extraFields
        : column == null ? ExtraFields.REFUSE : ExtraFields.IGNORE;
  }
}
