package org.sluice.data;

import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;

/** The columns of a shard. */
final class ShardSchema {
    static final String BLOCK = "block";
    static final String TOKENS = "tokens";
    static final String DOCUMENT_STARTS = "document_starts";
    static final String DOMAIN = "domain";

    static final MessageType TYPE = MessageTypeParser.parseMessageType("message token_block {"
            + " required int64 " + BLOCK + ";"
            + " required binary " + TOKENS + ";"
            + " repeated int32 " + DOCUMENT_STARTS + ";"
            + " required binary " + DOMAIN + " (STRING);"
            + " }");

    private ShardSchema() {}
}
