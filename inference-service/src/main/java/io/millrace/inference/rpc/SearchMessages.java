package io.millrace.inference.rpc;

import io.millrace.contracts.inference.v1.ListIndexesResponse;
import io.millrace.contracts.inference.v1.SearchRequest;
import io.millrace.contracts.inference.v1.SearchResponse;
import io.millrace.contracts.inference.v1.SearchResult;
import io.millrace.inference.embed.Embeddings.PictureInput;
import io.millrace.inference.embed.TextInput;
import io.millrace.inference.search.SearchIndex;
import io.millrace.inference.search.Searches;
import java.util.List;

/** Indexes and searches as messages. */
final class SearchMessages {

  private SearchMessages() {}

  static io.millrace.contracts.inference.v1.SearchIndex message(SearchIndex index) {
    String trouble = index.trouble();
    return io.millrace.contracts.inference.v1.SearchIndex.newBuilder()
        .setName(index.name())
        .setModel(index.model())
        .setDataset(index.dataset())
        .setModelVersion(index.modelVersion())
        .setItems(index.items())
        .setTrouble(trouble == null ? "" : trouble)
        .build();
  }

  static ListIndexesResponse list(List<SearchIndex> indexes) {
    return ListIndexesResponse.newBuilder()
        .addAllIndexes(indexes.stream().map(SearchMessages::message).toList())
        .build();
  }

  static SearchResponse search(Searches searches, SearchRequest request) {
    Searches.Found found =
        searches.search(
            request.getIndex(),
            request.getText().isEmpty()
                ? List.of()
                : List.of(new TextInput.Written("text", request.getText())),
            request.getImage().isEmpty()
                ? List.of()
                : List.of(new PictureInput("image", request.getImage().toByteArray())),
            request.getLimit() == 0 ? null : request.getLimit());
    SearchResponse.Builder response =
        SearchResponse.newBuilder().setModelVersion(found.modelVersion()).setItems(found.items());
    found
        .hits()
        .forEach(hit ->
            response.addResults(
                SearchResult.newBuilder()
                    .setDocumentId(hit.documentId())
                    .setScore(hit.score())
                    .setText(hit.excerpt())));
    return response.build();
  }
}
