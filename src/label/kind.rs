//! What sort of operation a movement is.

use serde::Deserialize;

/// Closed: rules name these, and views show them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Card,
    /// A transfer whose direction the amount tells.
    Transfer,
    TransferIn,
    TransferOut,
    DirectDebit,
    Withdrawal,
    Deposit,
    Cheque,
    Fee,
    Interest,
    Loan,
    Refund,
    Salary,
    Other,
}

impl Kind {
    /// As columns and rules write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Card => "card",
            Self::Transfer => "transfer",
            Self::TransferIn => "transfer_in",
            Self::TransferOut => "transfer_out",
            Self::DirectDebit => "direct_debit",
            Self::Withdrawal => "withdrawal",
            Self::Deposit => "deposit",
            Self::Cheque => "cheque",
            Self::Fee => "fee",
            Self::Interest => "interest",
            Self::Loan => "loan",
            Self::Refund => "refund",
            Self::Salary => "salary",
            Self::Other => "other",
        }
    }

    /// Whether somebody stands on the other side, whom a label can name.
    pub fn has_payee(self) -> bool {
        match self {
            Self::Card
            | Self::Transfer
            | Self::TransferIn
            | Self::TransferOut
            | Self::DirectDebit
            | Self::Refund
            | Self::Salary
            | Self::Other => true,
            Self::Withdrawal | Self::Deposit | Self::Cheque | Self::Fee | Self::Interest | Self::Loan => false,
        }
    }

    /// The kind once the amount is known: money that comes back on a card is a refund.
    pub(super) fn with_sign(self, is_credit: Option<bool>) -> Self {
        match (self, is_credit) {
            (Self::Transfer | Self::TransferIn | Self::TransferOut, Some(true)) => Self::TransferIn,
            (Self::Transfer | Self::TransferIn | Self::TransferOut | Self::Salary, Some(false)) => Self::TransferOut,
            (Self::Card | Self::DirectDebit, Some(true)) => Self::Refund,
            (kind, _) => kind,
        }
    }

    /// Whether shops stand behind it, which put their city after their name.
    pub(super) fn is_at_a_shop(self) -> bool {
        matches!(self, Self::Card | Self::Refund | Self::Withdrawal | Self::Deposit)
    }
}
