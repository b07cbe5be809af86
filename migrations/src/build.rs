//! A table and its indexes in a few words, on top of sea-query's builder.

use sea_orm_migration::prelude::*;

/// What happens to a row when the row that it refers to is deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnDelete {
    /// The other row cannot be deleted.
    Restrict,
    /// This row is deleted too.
    Cascade,
    /// The reference becomes NULL.
    SetNull,
}

/// A table with its indexes.
pub struct NewTable {
    name: &'static str,
    table: TableCreateStatement,
    indexes: Vec<IndexCreateStatement>,
}

impl NewTable {
    /// A table without columns.
    pub fn new(name: &'static str) -> Self {
        Self {
            name,
            table: Table::create().table(name).to_owned(),
            indexes: Vec::new(),
        }
    }

    /// Adds columns.
    pub fn columns(mut self, columns: impl IntoIterator<Item = ColumnDef>) -> Self {
        for column in columns {
            self.table.col(column);
        }
        self
    }

    /// Makes `column` refer to the `id` of `table`.
    pub fn refers(
        mut self,
        column: &'static str,
        table: &'static str,
        on_delete: OnDelete,
    ) -> Self {
        let mut key = ForeignKey::create();
        key.from(self.name, column).to(table, "id");
        match on_delete {
            OnDelete::Restrict => {}
            OnDelete::Cascade => {
                key.on_delete(ForeignKeyAction::Cascade);
            }
            OnDelete::SetNull => {
                key.on_delete(ForeignKeyAction::SetNull);
            }
        }
        self.table.foreign_key(&mut key);
        self
    }

    /// A primary key of more than one column.
    pub fn primary_key(mut self, columns: &[&'static str]) -> Self {
        let mut key = Index::create();
        for column in columns {
            key.col(*column);
        }
        self.table.primary_key(&mut key);
        self
    }

    /// An index. A column that begins with `-` is indexed in descending order.
    pub fn index(mut self, name: &'static str, columns: &[&'static str]) -> Self {
        let index = self.build_index(name, columns);
        self.indexes.push(index);
        self
    }

    /// An index that lets each combination of values appear once.
    pub fn unique(mut self, name: &'static str, columns: &[&'static str]) -> Self {
        let mut index = self.build_index(name, columns);
        index.unique();
        self.indexes.push(index);
        self
    }

    /// An index of the rows that meet `condition`, a piece of SQL that both databases read alike.
    pub fn partial_index(
        mut self,
        name: &'static str,
        columns: &[&'static str],
        condition: &'static str,
    ) -> Self {
        let mut index = self.build_index(name, columns);
        index.and_where(Expr::cust(condition));
        self.indexes.push(index);
        self
    }

    fn build_index(&self, name: &'static str, columns: &[&'static str]) -> IndexCreateStatement {
        let mut index = Index::create();
        index.name(name).table(self.name);
        for column in columns {
            match column.strip_prefix('-') {
                Some(column) => index.col((column, IndexOrder::Desc)),
                None => index.col(*column),
            };
        }
        index
    }

    /// Creates the table, then its indexes.
    pub async fn create(self, manager: &SchemaManager<'_>) -> Result<(), DbErr> {
        manager.create_table(self.table).await?;
        for index in self.indexes {
            manager.create_index(index).await?;
        }
        Ok(())
    }
}
