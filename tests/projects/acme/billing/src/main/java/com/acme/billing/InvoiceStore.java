package com.acme.billing;

import java.io.IOException;
import java.io.InputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Invoices: totals in the database, drafts as files. */
public final class InvoiceStore {
    /** An invoice that has not been sent yet. */
    public record Draft(long customer, List<Money> lines) implements Serializable {}

    private final Connection connection;
    private final Path drafts;

    public InvoiceStore(Connection connection, Path drafts) {
        this.connection = connection;
        this.drafts = drafts;
    }

    public List<Money> totals(long customer) throws SQLException {
        try (PreparedStatement query =
                connection.prepareStatement("SELECT total FROM invoices WHERE customer = ? ORDER BY id")) {
            query.setLong(1, customer);
            List<Money> totals = new ArrayList<>();
            try (ResultSet rows = query.executeQuery()) {
                while (rows.next()) {
                    totals.add(new Money(rows.getBigDecimal(1)));
                }
            }
            return totals;
        }
    }

    public void save(Draft draft) throws IOException {
        try (ObjectOutputStream out = new ObjectOutputStream(Files.newOutputStream(file(draft.customer())))) {
            out.writeObject(draft);
        }
    }

    public Optional<Draft> load(long customer) throws IOException, ClassNotFoundException {
        if (Files.notExists(file(customer))) {
            return Optional.empty();
        }
        return Optional.of(read(Files.newInputStream(file(customer))));
    }

    /** Reads a draft that the sales tool uploaded. */
    public static Draft read(InputStream upload) throws IOException, ClassNotFoundException {
        try (ObjectInputStream in = new ObjectInputStream(upload)) {
            return (Draft) in.readObject();
        }
    }

    private Path file(long customer) {
        return drafts.resolve(customer + ".draft");
    }
}
