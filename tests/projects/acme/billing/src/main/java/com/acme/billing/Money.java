package com.acme.billing;

import java.io.Serializable;
import java.math.BigDecimal;
import java.math.RoundingMode;

/** An amount in euro, always with two decimals. */
public record Money(BigDecimal amount) implements Serializable, Comparable<Money> {
    public static final Money ZERO = new Money(BigDecimal.ZERO);

    public Money {
        amount = amount.setScale(2, RoundingMode.HALF_EVEN);
    }

    public Money plus(Money other) {
        return new Money(amount.add(other.amount));
    }

    public Money withVat(BigDecimal rate) {
        return new Money(amount.multiply(BigDecimal.ONE.add(rate)));
    }

    @Override
    public int compareTo(Money other) {
        return amount.compareTo(other.amount);
    }
}
